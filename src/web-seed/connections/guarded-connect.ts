import type { LookupFunction } from 'node:net'
import type { buildConnector } from 'undici'
import { DistroError } from '../../base/errors.ts'
import { type AddressRules, mayAsk, reasonNotToAsk } from './address-rules.ts'
import { endAfterAll } from './end-after-all.ts'

/**
 * A connector that keeps to `rules`: the address of the other end is judged when the connection stands, so that no name can mean one
 * thing when it is checked and another when it is dialled. Tells `onConnected` of every connection that it hands out.
 */
export function guardedConnect(
  connect: buildConnector.connector,
  rules: AddressRules,
  onConnected: (origin: string, address: string) => void,
): buildConnector.connector {
  return (options, done) => {
    connect(options, (error, socket) => {
      if (error !== null) return done(error, null)
      const address = socket.remoteAddress ?? ''
      if (!mayAsk(address, rules)) {
        socket.destroy()
        return done(refusedAddress(options.hostname, address, rules), null)
      }
      endAfterAll(socket)
      onConnected(`${options.protocol}//${options.host ?? options.hostname}`, address)
      return done(null, socket)
    })
  }
}

/** `lookup`, but it finds only addresses that may be asked, so that the others are not even dialled. */
export function guardedLookup(lookup: LookupFunction, rules: AddressRules): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, [])
      const addresses = Array.isArray(found) ? found : [{ address: found, family: found.includes(':') ? 6 : 4 }]
      const allowed = addresses.filter(({ address }) => mayAsk(address, rules))
      const [first] = allowed
      if (first === undefined) return done(refusedAddress(host, addresses[0]?.address ?? '', rules), [])
      return options.all === true ? done(null, allowed) : done(null, first.address, first.family)
    })
  }
}

/** The error of a connection to `host` that is not made because its `address` may not be asked. */
export function refusedAddress(host: string, address: string, rules: AddressRules): DistroError {
  const name = host === address || address === '' ? host : `${host} (${address})`
  return new DistroError('NETWORK_FAILED', `${name} ${reasonNotToAsk(address, rules)}.`)
}
