// The package is CommonJS: bundled, its names are only there for an import that is not dynamic.
export { createClient } from '@redis/client'
