import type { LoaderContext } from 'astro/loaders'
import { sharedValue } from './shared-value.ts'

export type Load = (context: LoaderContext) => Promise<void>

export type DocumentLoaders = Record<'runbooks' | 'docs' | 'changelog', Load>

/** What loads the documents. Astro compiles what its content configuration imports, which takes longer than to load the documents. */
export const sharedLoaders = sharedValue<DocumentLoaders>('loaders')
