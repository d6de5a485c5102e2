import { isIPv4, isIPv6 } from 'node:net'

/** One end of a TCP connection. */
export interface Address {
  /** Host name or IP address, an IPv6 address without its brackets; `''` is every interface. */
  readonly host: string
  /** 0 to 65535; 0 lets the system choose a free port to listen on. */
  readonly port: number
}

export interface AddressRules {
  /** Whether it is listened on: then the host may be missing (`:9092`) and the port may be 0. */
  readonly listen: boolean
  /** The key that switches TLS on, for the message about `https://`. */
  readonly tlsKey: string
}

const SCHEME = /^[a-z][a-z\d+.-]*:\/\//i
const BRACKETED = /^\[([^\]]*)\](?::(.*))?$/
const HOST = /^(?!.{254})(?:\w(?:[\w-]{0,61}\w)?\.)*\w(?:[\w-]{0,61}\w)?\.?$/
const PORT = /^(?:0|[1-9]\d{0,4})$/

/** Takes `host:port`, `:port` or `[IPv6]:port` apart; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  const at = text.lastIndexOf(':')
  const bracketed = BRACKETED.exec(text)
  const host = bracketed ? (bracketed[1] as string) : text.slice(0, Math.max(at, 0))
  const port = text.slice(at + 1)
  if (at < 0 || !PORT.test(port) || Number(port) > 65_535) return undefined
  const known = bracketed ? isIPv6(host) : host === '' || isHost(host)
  return known ? { host, port: Number(port) } : undefined
}

/** What is wrong with an address, in words for who wrote it; undefined if nothing is. */
export function addressProblem(text: string, rules: AddressRules): string | undefined {
  if (text === '') return 'it is empty'
  if (SCHEME.test(text)) return `without http:// or https://; ${rules.tlsKey} switches TLS on`
  if (text.includes('@')) return 'a user name and password have keys of their own'
  if (/\s/.test(text)) return 'there is a space in it'
  const bracketed = BRACKETED.exec(text)
  if (bracketed) {
    if (!isIPv6(bracketed[1] as string)) return 'in brackets must be an IPv6 address'
    return portProblem(bracketed[2] ?? '', rules)
  }
  const parts = text.split(':')
  if (parts.length === 1) return 'the port is missing'
  if (isIPv6(text)) return 'an IPv6 address needs brackets, as in [::1]:8091'
  if (parts.length === 3 && PORT.test(parts[1] as string) && PORT.test(parts[2] as string)) {
    return 'it has two ports'
  }
  if (parts.length > 2) return 'it has more than one colon'
  const [host = '', port = ''] = parts
  if (host === '' ? !rules.listen : !isHost(host)) {
    return host === '' ? 'the host is missing' : 'that is not a host name or IP address'
  }
  return portProblem(port, rules)
}

function portProblem(port: string, rules: AddressRules): string | undefined {
  if (port === '') return 'the port is missing'
  if (!PORT.test(port)) return 'the port is not a number'
  if (Number(port) > 65_535) return 'the port is above 65535'
  return port === '0' && !rules.listen ? 'nobody can be reached at port 0' : undefined
}

/** Digits and dots alone are an IPv4 address or a mistake. */
function isHost(text: string): boolean {
  return /^[\d.]+$/.test(text) ? isIPv4(text) : HOST.test(text)
}
