/** Where the operator reads; pino fits. Messages and fields hold no secrets. */
export interface Logger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Warns the operator: in the log, or as a warning of Node's where there is none. */
export function warn(logger: Logger | undefined, warning: string): void {
  if (logger) logger.warn({}, warning)
  else process.emitWarning(warning, 'KapacitorAuthWarning')
}
