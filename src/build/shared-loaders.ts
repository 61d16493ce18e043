import type { LoaderContext } from 'astro/loaders'
import { sharedValue } from './shared-value.ts'

export type Load = (context: LoaderContext) => Promise<void>

export type DocumentLoaders = Record<'runbooks' | 'docs' | 'changelog', Load>

/** The loaders of documents. Astro compiles the imports of its content configuration, which takes longer than to load documents. */
export const sharedLoaders = sharedValue<DocumentLoaders>('loaders')
