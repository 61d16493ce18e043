await import('./service.ts')
