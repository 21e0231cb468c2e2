import { DistroError } from '../../base/errors.ts'
import { acceptUrl, WEB_SEED_PROTOCOLS } from '../../torrent/accept-url.ts'
import { queryFault } from '../../web-seed/credentials/query-fault.ts'

/**
 * Refuses with USAGE what must not be published as the URL of a web seed: what is not http or https, what holds a password, or a
 * signature or token in its query, and for a folder (`isFolder`) any query, since nobody could ask it.
 */
export function checkPublishedUrl(text: string, isFolder = false): void {
  const accepted = acceptUrl(text, WEB_SEED_PROTOCOLS)
  if (accepted === undefined) {
    throw new DistroError('USAGE', 'A web seed that is published must be a well-formed URL of http or https.', {
      hint: 'Write it as https://mirror.example/folder/. Folders and buckets can be named by whoever fetches.',
    })
  }
  const url = new URL(accepted)
  if (url.username !== '' || url.password !== '') {
    throw new DistroError('USAGE', `The web seed at ${url.host} has a user or a password in it, and everybody can read a torrent.`, {
      hint: 'Leave them out; hosts take them from their own netrc file.',
    })
  }
  const secret = [...url.searchParams.keys()].find((name) => SECRET_PARAMETERS.has(name.toLowerCase()))
  const fault = isFolder ? queryFault(url) : undefined
  if (secret === undefined && fault !== undefined) throw new DistroError('USAGE', fault.message, { hint: fault.hint })
  if (secret === undefined) return
  throw new DistroError('USAGE', `The web seed at ${url.host} has a "${secret}" in its query, and everybody can read a torrent.`, {
    hint: 'Leave the query out where the content can be read without it; whoever fetches can name a signed URL with --web-seed.',
  })
}

/** What object stores, content delivery networks and code hosts call the parameters that let somebody in; in lower case. */
const SECRET_PARAMETERS: ReadonlySet<string> = new Set([
  ...['x-amz-signature', 'x-amz-credential', 'x-amz-security-token', 'awsaccesskeyid'],
  ...['x-goog-signature', 'x-goog-credential', 'googleaccessid'],
  ...['x-oss-signature', 'x-oss-credential', 'x-oss-security-token', 'ossaccesskeyid', 'security-token', 'q-signature'],
  ...['signature', 'sig', 'sign', 'key-pair-id', 'hdnts', 'hdnea', 'hmac'],
  ...['token', 'access_token', 'accesstoken', 'auth_token', 'authtoken', 'id_token', 'private_token', 'job_token', 'jwt', 'bearer'],
  ...['api_key', 'apikey', 'api-key', 'auth', 'authorization', 'password', 'passwd', 'secret', 'client_secret'],
])
