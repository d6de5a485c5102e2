/** Where the operator reads; pino fits. Messages and fields hold no secrets. */
export interface Logger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
