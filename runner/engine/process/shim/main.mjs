import { enableCompileCache } from 'node:module'

enableCompileCache()
await import('./shim.ts')
