import { parseIdentifier } from '../../torrent/identifier.ts'
import type { TreeRequest } from './tree-request.ts'

/** The .torrent files among what is named as similar; absolute. Throws what `parseIdentifier` does. */
export function similarFiles({ similar = [] }: Pick<TreeRequest, 'similar'>): readonly string[] {
  const identifiers = similar.map((id) => parseIdentifier(id))
  return identifiers.flatMap((identifier) => (identifier.kind === 'path' ? [identifier.path] : []))
}
