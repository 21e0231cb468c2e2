import { type Decoded, decoded, undecodable } from '../../base/decoded.ts'
import { decodeLine, encodeLine } from './control-line.ts'
import { decodeShape, textUpTo } from './shape.ts'

/** What may be asked of a run. All but `run` are answered with the web seeds that it has then. */
export type ControlRequest =
  | { readonly ask: 'run' }
  | { readonly ask: 'list-web-seeds' }
  | { readonly ask: 'add-web-seed'; readonly url: string }
  | { readonly ask: 'remove-web-seed'; readonly url: string }
  | { readonly ask: 'replace-web-seed'; readonly url: string; readonly by: string }

/** UTF-16 units of a URL; two of them fit into a line however they are written. */
export const MAX_URL_LENGTH = 4_096

const isUrl = textUpTo(MAX_URL_LENGTH)
const one = { url: isUrl }
const two = { url: isUrl, by: isUrl }

/** A request as one line. */
export function encodeRequest(request: ControlRequest): string {
  return encodeLine(request)
}

/** The request in one line, which may be of anybody. */
export function decodeRequest(line: Uint8Array): Decoded<ControlRequest> {
  const fields = decodeLine(line)
  if (!fields.ok) return fields
  const { ask } = fields.value
  switch (ask) {
    case 'run':
    case 'list-web-seeds':
      return decoded({ ask })
    case 'add-web-seed':
    case 'remove-web-seed': {
      const url = decodeShape(one, fields.value)
      return url.ok ? decoded({ ask, ...url.value }) : url
    }
    case 'replace-web-seed': {
      const urls = decodeShape(two, fields.value)
      return urls.ok ? decoded({ ask, ...urls.value }) : urls
    }
    default:
      return undecodable(`there is no request ${JSON.stringify(ask ?? null).slice(0, 60)}`)
  }
}
