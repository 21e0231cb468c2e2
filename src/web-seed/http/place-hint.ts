import type { WebSeedContent } from '../content.ts'

/**
 * What a web seed called `label` should probably be called that does not have the content: BEP 19 looks for the torrent's name below a URL,
 * and a URL that ends with that name was meant to be the content itself. Undefined for any other.
 */
export function placeHint(label: string, { info }: WebSeedContent): string | undefined {
  const [, parent, last = '', slash] = /^([a-z0-9]+:\/\/[^/?#]+\/(?:[^?#]*\/)?)([^/?#]+)(\/?)$/.exec(label) ?? []
  if (parent === undefined || decoded(last) !== info.name) return undefined
  if (!info.isSingleFile) return `${last}/ is looked for below the URL: try ${parent}.`
  return slash === '' ? undefined : `${last} is looked for below a URL that ends in a slash: try ${parent}${last}.`
}

function decoded(element: string): string {
  try {
    return decodeURIComponent(element)
  } catch {
    return element
  }
}
