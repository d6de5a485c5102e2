/**
 * Prints a floating point number as InfluxQL reads it: with a point, without an exponent. Three digits behind the point,
 * as InfluxDB prints them, wherever they are the whole number; otherwise as many as it takes.
 */
export function printNumber(value: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const size = Math.abs(value)
  const three = size < 1e21 ? size.toFixed(3) : `${BigInt(size)}.000`
  if (Number(three) === size) return sign + three
  return sign + printShortest(size)
}

/** The shortest decimal digits that mean the number, without an exponent; without a point if it is whole. */
export function printShortest(value: number): string {
  const text = String(value)
  const [mantissa = '', exponent] = text.split('e')
  if (exponent === undefined) return text
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = mantissa.slice(sign.length).split('.')
  const shift = Number(exponent)
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${whole}${fraction}`
  return sign + whole + fraction.padEnd(shift, '0')
}
