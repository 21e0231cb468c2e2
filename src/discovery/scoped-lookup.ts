import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { DistroError } from '../base/errors.ts'
import { mayDial, type NetworkScope } from '../base/network-scope.ts'

/**
 * A resolver for sockets that finds only addresses which make sense in `scope`, so that the decision is made on the address that is
 * dialled and a name cannot change its mind between a check and the connection. For a literal address use `mayDial`.
 */
export function scopedLookup(scope: NetworkScope): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, [])
      const allowed = addresses.filter(({ address }) => mayDial({ host: address, port: 1 }, scope))
      const [first] = allowed
      if (first === undefined) return done(new DistroError('NETWORK_FAILED', `${host} has no address that may be dialled.`), [])
      return options.all === true ? done(null, allowed) : done(null, first.address, first.family)
    })
  }
}
