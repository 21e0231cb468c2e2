import type { Answer } from './web-server.ts'

/** Serves `files` by their path in the URL as a good server does: ranges, ETag, Last-Modified, 404. */
export function serveContent(files: Readonly<Record<string, Buffer>>): Answer {
  return (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const body = files[path]
    if (body === undefined) {
      response.writeHead(404, { 'content-length': 9 }).end('not found')
      return
    }
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(String(request.headers.range)) ?? []
    const headers = { etag: `"${body.length}"`, 'last-modified': 'Mon, 05 Oct 2026 10:00:00 GMT' }
    if (first === undefined || last === undefined) {
      response.writeHead(200, { ...headers, 'content-length': body.length }).end(body)
      return
    }
    const part = body.subarray(Number(first), Number(last) + 1)
    const range = `bytes ${first}-${Number(first) + part.length - 1}/${body.length}`
    response.writeHead(206, { ...headers, 'content-range': range, 'content-length': part.length }).end(part)
  }
}
