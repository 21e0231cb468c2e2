import { openFileLimit } from '../../base/open-file-limit.ts'

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the server refused the connection',
  ECONNRESET: 'the server broke the connection off',
  EPIPE: 'the server broke the connection off',
  ETIMEDOUT: 'the server gave no answer',
  EHOSTUNREACH: 'there is no route to the server',
  ENETUNREACH: 'there is no route to the server',
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "nobody vouches for the server's certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "nobody vouches for the server's certificate",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "nobody vouches for the server's certificate",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name",
}

/** Why a server did not give what was asked of it, in a few words. */
export function serverFault(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  const sentence = code === undefined ? undefined : sentences[code]
  return (
    sentence ??
    openFileLimit(cause)?.reason ??
    `the connection failed (${code ?? (cause instanceof Error ? cause.message : 'unknown reason')})`
  )
}
