// The runner names the folder for compiled code in NODE_COMPILE_CACHE.
await import('./shim.ts')
