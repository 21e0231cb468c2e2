import type { WebSeedContent } from '../content.ts'

/**
 * Where file `fileIndex` of a torrent lies below a web seed's URL (BEP 19). A torrent of one file is at the URL itself, or below it
 * where it ends in a slash; a folder is below it in any case. The query of the URL is kept, what stands behind `#` is not.
 */
export function contentUrl(base: URL, { info }: WebSeedContent, fileIndex: number): URL {
  const url = new URL(base)
  url.hash = ''
  if (info.isSingleFile) {
    if (url.pathname.endsWith('/')) url.pathname += encodePath([info.name])
    return url
  }
  const path = info.files[fileIndex]?.path ?? []
  url.pathname += `${url.pathname.endsWith('/') ? '' : '/'}${encodePath([info.name, ...path])}`
  return url
}

/** Path elements as they stand in a URL: UTF-8, and all but letters, digits and `-._~` as `%XX` (RFC 3986), joined with slashes. */
export function encodePath(elements: readonly string[]): string {
  return elements.map(encodeElement).join('/')
}

function encodeElement(element: string): string {
  return encodeURIComponent(element).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
