import { describe, expect, it } from 'vitest'
import { placeHint } from '../../../src/web-seed/http/place-hint.ts'
import { folder, singleFile } from '../support/sample-content.ts'

const tree = folder('my dist', [['a', 10]]).content
const file = singleFile('app.tar', 10).content

describe('the hint on where the content lies', () => {
  it.each([
    ['https://m.example/my%20dist/', tree, 'my%20dist/ is looked for below the URL: try https://m.example/.'],
    ['https://m.example/a/my%20dist', tree, 'my%20dist/ is looked for below the URL: try https://m.example/a/.'],
    ['s3://bucket/my%20dist/', tree, 'my%20dist/ is looked for below the URL: try s3://bucket/.'],
    ['https://m.example/app.tar/', file, 'app.tar is looked for below a URL that ends in a slash: try https://m.example/app.tar.'],
  ])('names for %s the one that was probably meant', (label, content, hint) => {
    expect(placeHint(label, content)).toBe(hint)
  })

  it.each([
    ['https://m.example/', tree],
    ['https://m.example/my%20dist/other/', tree],
    ['https://my%20dist/', tree],
    ['https://m.example/%', tree],
    ['https://m.example/my%20dist?...', tree],
    ['https://m.example/app.tar', file],
  ])('says nothing of %s', (label, content) => {
    expect(placeHint(label, content)).toBeUndefined()
  })
})
