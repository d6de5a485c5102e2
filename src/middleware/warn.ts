import type { Logger } from './logger.js'

/** Tells the operator: in the log, or as Node's own warnings where there is none. */
export function warn(logger: Logger | undefined, warning: string): void {
  if (logger) logger.warn({}, warning)
  else process.emitWarning(warning, 'KapacitorAuthWarning')
}
