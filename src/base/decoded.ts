/** What a decoder of strangers' bytes returns: a typed value, or what is wrong with them in a few words. Nothing behind it checks again. */
export type Decoded<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly fault: string }

/** A successful decoding. */
export function decoded<Value>(value: Value): Decoded<Value> {
  return { ok: true, value }
}

/** A failed decoding; `fault` says what was expected and what came. */
export function undecodable(fault: string): Decoded<never> {
  return { ok: false, fault }
}
