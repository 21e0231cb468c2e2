import { createHash, createHmac } from 'node:crypto'

/** Who signs, and for which region. */
export interface AwsIdentity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string | undefined
  readonly region: string
}

/**
 * The headers that make a GET of `url` without a body one of ours: AWS Signature Version 4 for the service s3. Every name in
 * `headers` is signed, in lower case; `url` has each element of its path encoded exactly once.
 */
export function signedHeaders(
  url: URL,
  headers: Readonly<Record<string, string>>,
  identity: AwsIdentity,
  now: Date,
): Readonly<Record<string, string>> {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '')
  const added: Record<string, string> = { 'x-amz-content-sha256': EMPTY_SHA256, 'x-amz-date': time }
  if (identity.sessionToken !== undefined) added['x-amz-security-token'] = identity.sessionToken
  const signed = Object.entries({ ...headers, ...added, host: url.host }).sort(([left], [right]) => (left < right ? -1 : 1))
  const names = signed.map(([name]) => name).join(';')
  const lines = signed.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}\n`).join('')
  const request = ['GET', url.pathname, canonicalQuery(url), lines, names, EMPTY_SHA256].join('\n')
  const scope = `${time.slice(0, 8)}/${identity.region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(request).digest('hex')].join('\n')
  const key = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${identity.secretAccessKey}`)
  const signature = hmac(key, text).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${identity.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`
  return { ...added, authorization }
}

/** The SHA-256 of nothing, which is what a GET carries. */
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join('&')
}
