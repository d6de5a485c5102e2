import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AuthError } from '../errors.js'

/**
 * Has `server` listen on `host:port`: on every address of the machine if the host is empty, on any free port if it is 0.
 *
 * @param option the option that the address comes from, for messages
 * @throws AuthError `ERR_CONFIG_INVALID`, one line
 */
export function bind(server: Server, address: string, option: string): Promise<void> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? []
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  return new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      const message = `cannot listen on ${address} (${option}): ${reasonOf(error)}`
      reject(new AuthError('ERR_CONFIG_INVALID', message, { cause: error }))
    }
    server.once('error', fail)
    server.listen({ port: Number(port), ...(bare === '' ? {} : { host: bare }) }, () => {
      server.off('error', fail)
      resolve()
    })
  })
}

/** `http://127.0.0.1:9092`: how this machine reaches a server that was bound to `address`. */
export function urlOf(server: Server, address: string, isSecure: boolean): string {
  const host = address.slice(0, address.lastIndexOf(':'))
  const shown = host === '' || host === '0.0.0.0' || host === '[::]' ? 'localhost' : host
  return `${isSecure ? 'https' : 'http'}://${shown}:${(server.address() as AddressInfo).port}`
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'another program listens there'
    case 'EACCES':
      return 'not permitted; ports below 1024 need privileges'
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address'
    default:
      return error.message
  }
}
