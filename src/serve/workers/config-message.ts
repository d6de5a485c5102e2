import type { Config } from '../../config/config.js'
import { Secret } from '../../text/secret.js'

/** A configuration as text, secrets in clear: to be handed to another process, never to be stored or logged. */
export function encodeConfig(config: Config): string {
  return JSON.stringify(
    { ...config, origins: [...config.origins] },
    function (this: Readonly<Record<string, unknown>>, name, value) {
      const original = this[name] // before `toJSON` has hidden it
      return original instanceof Secret ? { secret: original.reveal() } : value
    },
  )
}

/** The configuration of which `encodeConfig` has made the text. */
export function decodeConfig(text: string): Config {
  const { origins, ...config } = JSON.parse(text, (_, value) =>
    typeof value?.secret === 'string' ? new Secret(value.secret) : Object.freeze(value),
  )
  return Object.freeze({ ...config, origins: new Map(origins) })
}
