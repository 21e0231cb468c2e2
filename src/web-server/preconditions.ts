import type { IncomingHttpHeaders } from 'node:http'
import { namesTag } from './entity-tag.ts'
import { parseHttpDate } from './http-date.ts'

/** What is known of a file without reading it. */
export interface Validators {
  /** A strong ETag. */
  readonly tag: string
  /** Whole seconds, in milliseconds since 1970; undefined when it cannot be said. */
  readonly modifiedMs: number | undefined
}

/** Weighs the conditions of a GET or HEAD in their order (RFC 9110 section 13.2.2), all but If-Range. */
export function weighConditions(headers: IncomingHttpHeaders, validators: Validators): 'proceed' | 'not modified' | 'failed' {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  const isUnmodifiedSince = comparesDate(headers['if-unmodified-since'], validators)
  if (match !== undefined ? !namesTag(match, validators.tag, 'strong') : isUnmodifiedSince === false) return 'failed'
  const isNotModified =
    noneMatch !== undefined ? namesTag(noneMatch, validators.tag, 'weak') : comparesDate(headers['if-modified-since'], validators) === true
  return isNotModified ? 'not modified' : 'proceed'
}

/** True if a Range holds, going by If-Range (RFC 9110 section 13.1.5): there is none, or it names the file as it is. */
export function rangeHolds(ifRange: string | undefined, { tag, modifiedMs }: Validators): boolean {
  if (ifRange === undefined) return true
  if (/^(W\/)?"/.test(ifRange)) return ifRange === tag
  return modifiedMs !== undefined && parseHttpDate(ifRange) === modifiedMs
}

/** True if the file was last changed at `date` or before; undefined when that cannot be compared, and the condition is ignored. */
function comparesDate(date: string | undefined, { modifiedMs }: Validators): boolean | undefined {
  const ms = date === undefined ? undefined : parseHttpDate(date)
  return ms === undefined || modifiedMs === undefined ? undefined : modifiedMs <= ms
}
