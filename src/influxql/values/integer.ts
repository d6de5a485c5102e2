export const MAX_INT64 = 2n ** 63n - 1n
export const MIN_INT64 = -(2n ** 63n)
export const MAX_UINT64 = 2n ** 64n - 1n

/** More than any integer that InfluxQL knows. */
const TOO_LARGE = 10n ** 20n

/** The value of decimal digits, perhaps with a minus; what has too many is only said to be too large, in linear time. */
export function integerOf(digits: string): bigint {
  if (digits.length < 20) return BigInt(digits)
  const isNegative = digits.startsWith('-')
  const significant = digits.replace(/^-?0*/, '')
  const size = significant.length > 20 ? TOO_LARGE : BigInt(significant)
  return isNegative ? -size : size
}
