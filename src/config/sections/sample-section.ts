import { path } from '../kinds/kinds.js'
import { key } from './section-key.js'

/** `[sample]`: what stands in for a Kapacitor until there is one. */
export const SAMPLE = {
  help: 'The small sample Kapacitor API, which stands in until an upstream is configured.',
  keys: {
    dir: key(path, { inDataDirectory: 'sample' }, 'The directory where it keeps its tasks.'),
  },
} as const
