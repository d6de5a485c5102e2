import { formatTime } from '../../text/rfc3339.js'

/** A time to the minute: `2026-11-27 22:30 UTC`. */
export const minuteText = (time: string) => `${formatTime(time).slice(0, 16).replace('T', ' ')} UTC`

/** When a token was used last. Uses are noted to the hour. */
export function usedText({ lastUsedAt }: { readonly lastUsedAt?: string }): string {
  return lastUsedAt === undefined ? 'never' : minuteText(lastUsedAt)
}
