import type { Part } from '../../admin/administered.js'
import type { Config } from '../../config/config.js'
import { rereadOidcFile } from '../../config/oidc/reread-oidc-file.js'
import { AuthError } from '../../errors.js'
import type { Logger } from '../../log/logger.js'
import type { SerialQueue } from '../../serial-queue.js'
import { escaped } from '../../text/printable.js'
import type { Milliseconds } from '../../time.js'
import { watchFiles } from '../../tls/watch-files.js'
import { changedKeys } from './changed-keys.js'

/** How often the file is looked at. */
const INTERVAL: Milliseconds = 100

/** How many looks in a row must see the same: one that is written in place is not read in the middle, if it can be helped. */
const LOOKS = 3

export interface OidcFileWatchOptions {
  /** The configuration in force. */
  readonly inForce: () => Config

  /** Goes on with another one, of which only `[oidc]` differs; rejects if it cannot be used. */
  readonly apply: (next: Config) => Promise<void>

  /** So that it is not read while another reload is under way. */
  readonly inTurn: SerialQueue['run']
  readonly logger: Logger
}

/** Keeps the identity provider and its users as the file of `[oidc]` says. */
export interface OidcFileWatch {
  /** Reads it now. Never rejects: what cannot be used is logged, and what was in force stays. */
  read(): Promise<void>

  /** What readiness shows: that it was refused when it last changed. The server is ready all the same. */
  parts(): Part[]

  /** The configuration in force is another one: from now on watches the file that it names. */
  restart(): void
  close(): void
}

/** Watches the file, if there is one: what it says counts as soon as it has been written. */
export function watchOidcFile(options: OidcFileWatchOptions): OidcFileWatch {
  const { inForce, apply, inTurn, logger } = options
  /** The first of its problems. */
  let refusal: string | undefined
  let stop = watch()

  function watch(): () => void {
    const { file } = inForce().oidc
    return file === ''
      ? () => {}
      : watchFiles([file], () => void read(), { interval: INTERVAL, looks: LOOKS })
  }

  function read(): Promise<void> {
    return inTurn(async () => {
      const before = inForce()
      let next: Config | undefined
      try {
        next = rereadOidcFile(before)
        const changed = changedKeys(before, next)
        if (changed.length > 0) await take(next, changed)
        refusal = undefined
      } catch (error) {
        const said = error instanceof AuthError ? error.message.split('\n') : undefined
        const problems = said?.map((problem) => withPlace(problem, next ?? before))
        refusal = problems?.[0] ?? 'it could not be read'
        logger.error(problems ? { problems } : { err: error }, REFUSED)
      }
    })
  }

  async function take(next: Config, changed: readonly string[]): Promise<void> {
    await apply(next)
    for (const warning of next.warnings) logger.warn({}, warning)
    logger.info({ file: next.oidc.file, changed }, 'the file of [oidc] has changed: reloaded')
  }

  return {
    read,
    parts: () =>
      refusal === undefined
        ? []
        : [{ name: '[oidc] file', ready: true, reason: `was refused: ${refusal}` }],
    restart() {
      stop()
      refusal = undefined // it was read with the configuration
      stop = watch()
    },
    close: () => stop(),
  }
}

/** With the place of what it is about, in the file of `[oidc]`: not every part of the program knows it. */
function withPlace(problem: string, { oidc: { file }, origins }: Config): string {
  const key = /^\[oidc\] ([\w-]+)/.exec(problem)?.[1]
  if (key === undefined) return problem
  const places = [origins.get(`oidc.${key}`), origins.get('oidc.jwks-endpoint')]
  const place = places.find((one) => one?.startsWith(`${file}:`)) ?? file
  return `${escaped(place)}: ${problem}`
}

const REFUSED = 'the file of [oidc] has changed and is refused; what it said before stays in force'
