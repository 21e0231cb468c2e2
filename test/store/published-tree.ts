import { temporaryFolder } from '../support/temporary-folder.ts'
import { publishSample, type SampleTorrent, treeOf } from './sample-torrent.ts'

/** What `treeOf` says of the sample as it was published. */
export async function publishedTree(sample: SampleTorrent): Promise<Map<string, string>> {
  return treeOf(publishSample(sample, await temporaryFolder()))
}
