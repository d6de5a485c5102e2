import { path } from '../kinds/kinds.js'
import { key } from './section-key.js'

/** `[sample]`: the sample API that is served without a Kapacitor. */
export const SAMPLE = {
  help: 'The small sample Kapacitor API, which is served until [gateway] kapacitor-url is set.',
  keys: {
    dir: key(path, { inDataDirectory: 'sample' }, 'The directory of its tasks.'),
  },
} as const
