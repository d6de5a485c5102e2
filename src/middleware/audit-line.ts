import { createClientAddress } from '../http/client-address.js'
import { maskTokens } from '../text/mask-tokens.js'
import { escaped } from '../text/printable.js'
import type { Asked, Door } from './decision.js'

/** The longest name, path and resource shown, in UTF-16 units. What is longer ends in `…` behind as many. */
const LONGEST = 256

/** What every line of the audit log begins with. */
export interface LineHead {
  readonly event: 'decision' | 'change'
  readonly outcome: string
  readonly code: string | undefined
  readonly door: Door | undefined
  readonly via: string
  /** Undefined for what no request asked for. */
  readonly asked: Asked | undefined
}

export interface AuditLogOptions {
  /** Addresses and networks of proxies in front, whose `X-Forwarded-For` is believed. @default [] (nobody) */
  trustedProxies?: readonly string[]

  /** The time, in milliseconds since 1970. @default `Date.now` */
  now?: () => number
}

/**
 * A function that begins a line of the audit log, as JSON without its end: time, event, outcome, error (`code`), client
 * address, proxy, request id, door and `via`, in this order. Nobody but this program chooses what stands there.
 *
 * @throws TypeError that names an entry of `trustedProxies` which is neither address nor network
 */
export function createLineHead({ trustedProxies = [], now = Date.now }: AuditLogOptions) {
  const clientAddress = createClientAddress(trustedProxies)
  return function lineHead({ event, outcome, code, door, via, asked }: LineHead): string {
    let line = `{"time":"${new Date(now()).toISOString()}","event":"${event}","outcome":"${outcome}"`
    if (code !== undefined) line += `,"code":"${code}"`
    if (asked !== undefined) {
      const { client, proxy } = clientAddress(asked.req)
      const { requestId } = asked.state
      if (client !== undefined) line += `,"client":"${client}"`
      if (proxy !== undefined) line += `,"proxy":"${proxy}"`
      if (requestId !== undefined) line += `,"requestId":${auditText(requestId)}`
    }
    if (door !== undefined) line += `,"door":"${door}"`
    return `${line},"via":"${via}"`
  }
}

/** Text that JSON writes as it stands. */
const PLAIN = /^[ !#-[\]-~]*$/

/** Text that anybody can choose, as JSON: on one line, printable, and cut at 256 characters. */
export function auditText(value: string): string {
  const shown = shortened(value)
  return PLAIN.test(shown) ? `"${shown}"` : escaped(JSON.stringify(shown))
}

/** How many entries of a list are shown; a last one then tells how many more there are. */
export const MOST = 50

/** Texts that anybody can choose, as JSON. */
export function auditList(values: readonly string[]): string {
  const shown = values.slice(0, MOST).map(auditText)
  if (values.length > MOST) shown.push(`"… and ${values.length - MOST} more"`)
  return `[${shown.join(',')}]`
}

/** The text without tokens, cut at 256 characters; what is cut ends in `…`. */
export function shortened(value: string): string {
  const text = maskTokens(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
