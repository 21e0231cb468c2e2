export const TRACKER_PROTOCOLS: readonly string[] = ['http:', 'https:', 'udp:']
export const WEB_SEED_PROTOCOLS: readonly string[] = ['http:', 'https:']

/**
 * A stranger's URL without the white space around it; undefined unless it is well-formed, at most 2,048 characters long, has a
 * host and one of `protocols`, and port 0 is not asked for. Where it leads is checked by whoever connects.
 */
export function acceptUrl(text: string | undefined, protocols: readonly string[]): string | undefined {
  const trimmed = text?.trim()
  if (trimmed === undefined || trimmed.length > LONGEST || HIDDEN.test(trimmed) || !URL.canParse(trimmed)) return undefined
  const url = new URL(trimmed)
  return protocols.includes(url.protocol) && url.hostname !== '' && url.port !== '0' ? trimmed : undefined
}

const LONGEST = 2_048
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
