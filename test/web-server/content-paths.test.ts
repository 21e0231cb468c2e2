import { describe, expect, test } from 'vitest'
import { ContentPaths } from '../../src/web-server/content-paths.ts'
import { sampleTorrent } from '../store/sample-torrent.ts'

describe('the paths of a tree', () => {
  const paths = new ContentPaths(
    sampleTorrent(
      [
        ['a', 1],
        ['.pad/7', 7],
        ['dir/b', 0],
        ['dir/c d#', 2],
      ],
      { name: 'the tree' },
    ).info,
  )

  test.each([
    [['the tree', 'a'], 0],
    [['the tree', 'dir', 'b'], 2],
    [['the tree', 'dir', 'c d#'], 3],
    [['the tree', '.pad', '7'], 1],
  ])('%j is file %i', (elements, file) => {
    expect(paths.find(elements)).toBe(file)
  })

  test.each([
    [['']],
    [['the tree']],
    [['the tree', '']],
    [['the tree', 'dir']],
    [['the tree', 'dir', '']],
    [['the tree', '.pad', '8']],
    [['the tree', 'dir/b']],
    [['the tree/a']],
    [['the tree', 'dir', '..', 'a']],
    [['the tree', '.', 'a']],
    [['..', 'the tree', 'a']],
    [['the tree', 'a', '']],
    [['', 'the tree', 'a']],
    [['a']],
    [['THE TREE', 'a']],
    [['the tree', 'a\0']],
  ])('%j is nothing', (elements) => {
    expect(paths.find(elements)).toBeUndefined()
  })
})

test('the only file of a folder is at its path, and at that of the folder for those who know no better', () => {
  const paths = new ContentPaths(sampleTorrent([['dir/only', 5]], { name: 'the tree' }).info)
  expect(paths.find(['the tree', 'dir', 'only'])).toBe(0)
  expect(paths.find(['the tree'])).toBe(0)
  expect(paths.find(['the tree', 'dir'])).toBeUndefined()
  expect(paths.find(['the tree', ''])).toBeUndefined()
})

test('the path of a single file is its name', () => {
  const paths = new ContentPaths(sampleTorrent([['image.iso', 5]], { name: 'image.iso', isSingleFile: true }).info)
  expect(paths.find(['image.iso'])).toBe(0)
  expect(paths.find(['image.iso', 'image.iso'])).toBeUndefined()
})
