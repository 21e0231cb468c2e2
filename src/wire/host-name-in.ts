import { isHostName } from '../base/host-name.ts'

/** The name of a host that a peer sent as UTF-8; undefined for anything that is none. */
export function hostNameIn(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return isHostName(text) ? text : undefined
  } catch {
    return undefined
  }
}
