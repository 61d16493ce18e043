/** One of several instances behind a proxy: `node instance.ts PORT VERSION PIDFILE`. Ends on SIGTERM, after its last answer. */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'

const [port = '', version = '', pidFile = ''] = process.argv.slice(2)
const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  response.setHeader('x-version', version)
  response.end(request.url === '/readyz' ? 'ready' : 'pong')
})
process.on('SIGTERM', () => server.close(() => process.exit(0)).closeIdleConnections())
server.listen(Number(port), '127.0.0.1', () => writeFileSync(pidFile, String(process.pid)))
