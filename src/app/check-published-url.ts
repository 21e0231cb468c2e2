import { DistroError } from '../base/errors.ts'
import { acceptUrl, WEB_SEED_PROTOCOLS } from '../torrent/accept-url.ts'

/** Refuses with USAGE what must not be published as the URL of a web seed: what is not http or https, and what holds a password. */
export function checkPublishedUrl(text: string): void {
  const accepted = acceptUrl(text, WEB_SEED_PROTOCOLS)
  if (accepted === undefined) {
    throw new DistroError('USAGE', 'A web seed that is published must be a well-formed URL of http or https.', {
      hint: 'Write it as https://mirror.example/folder/. Folders and buckets can be named by whoever fetches.',
    })
  }
  const url = new URL(accepted)
  if (url.username === '' && url.password === '') return
  throw new DistroError('USAGE', `The web seed at ${url.host} has a user or a password in it, and everybody can read a torrent.`, {
    hint: 'Leave them out; hosts take them from their own netrc file.',
  })
}
