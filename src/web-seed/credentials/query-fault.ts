import { redactUrl } from './redact-url.ts'

/** Why a URL with a query cannot be asked for a folder (BEP 19), and what to do; undefined for one without. */
export function queryFault(url: URL): { readonly message: string; readonly hint: string } | undefined {
  if (url.search === '') return undefined
  const why = 'has a query, and this torrent is a folder: names of files cannot be put behind a query.'
  return {
    message: `The web seed ${redactUrl(url)} ${why}`,
    hint: 'Name the URL of the folder that holds the content, without a query.',
  }
}
