import { SUBSCRIBER } from '../token/own-token.js'

/** Where a subscription posts to, and the token with which it does. */
export interface Destination {
  /** As `addressOf` writes it. */
  readonly address: string
  /** Undefined if it has none, or something else in its place. */
  readonly token: string | undefined
}

/**
 * An address that InfluxDB is to post to, in the form in which addresses are compared: `http://gateway:9092`.
 *
 * @param url of http or https
 */
export function addressOf(url: string): string {
  const { protocol, hostname, port, pathname } = new URL(url)
  const standardPort = protocol === 'https:' ? 443 : 80
  return `${protocol}//${hostname}:${port || standardPort}${pathname.replace(/\/+$/, '')}`
}

/** The destination of a subscription. A token needs no escaping. */
export function destinationOf(address: string, token: string): string {
  return address.replace('//', `//${SUBSCRIBER}:${token}@`)
}

/** Reads a destination; undefined for what is not a URL of http or https. */
export function readDestination(text: string): Destination | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  const isSubscriber = url.username === SUBSCRIBER && url.password !== ''
  return { address: addressOf(text), token: isSubscriber ? url.password : undefined }
}
