/** Where the operator reads; pino fits. Messages and fields hold no secrets. */
export interface Logger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Tells the operator: in the log, or as Node's own warnings where there is none. */
export function warn(logger: Logger | undefined, warning: string): void {
  if (logger) logger.warn({}, warning)
  else process.emitWarning(warning, 'KapacitorAuthWarning')
}
