import { resolve } from 'node:path'

// Programs that tests start share what Node compiled. The workers of tests do not: Node has hung while it wrote at their end.
process.env['NODE_COMPILE_CACHE'] = resolve('node_modules/.cache/compiled')
