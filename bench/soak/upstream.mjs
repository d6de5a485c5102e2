// The soak's upstream, in a process that is killed and started again: node upstream.mjs PORT. Tells over IPC when it
// listens.
import { createServer } from 'node:http'

const PIECE = Buffer.alloc(16 * 1024, 'x')

const server = createServer((req, res) => {
  const url = new URL(req.url, 'http://upstream')
  const size = Number(url.searchParams.get('size') ?? 0)
  if (size > 0) return stream(res, size)
  let bytes = 0
  req.on('data', (chunk) => {
    bytes += chunk.length
  })
  req.on('end', () => {
    if (url.pathname.endsWith('/write')) return res.writeHead(204).end()
    const body = JSON.stringify({
      path: url.pathname,
      bytes,
      user: req.headers['x-forwarded-user'],
    })
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length })
    res.end(body)
  })
})

/** An answer of `size` bytes, of which no more are made than are taken. */
function stream(res, size) {
  let left = size
  const more = () => {
    while (left > 0 && !res.destroyed) {
      const piece = PIECE.subarray(0, left)
      left -= piece.length
      if (!res.write(piece)) return res.once('drain', more)
    }
    res.end()
  }
  more()
}

server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send('listening'))
process.on('SIGTERM', () => {
  server.close(() => process.exit())
  server.closeIdleConnections()
  setTimeout(() => process.exit(), 300).unref()
})
process.on('disconnect', () => process.exit())
