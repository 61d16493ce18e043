import { expect, test } from 'vitest'
import { loadedModules } from './loaded-modules.ts'

test('a page imports a module of the folder from where it is, and bundles every other', () => {
  const { resolveId, applyToEnvironment } = loadedModules('/site/runner')
  const { handler, filter } = resolveId
  expect(handler('../../../runner/model/plan.ts', '/site/src/data/runbooks/page.ts')).toEqual({
    id: 'file:///site/runner/model/plan.ts',
    external: 'absolute',
  })
  expect(handler('../runner-pages.ts', '/site/src/data/page.ts')).toBeUndefined()
  expect(handler('./runner/model/plan.ts', '/site/src/page.astro')).toBeUndefined()
  expect(filter.id.test('./styles/site.css')).toBe(false)
  expect(filter.id.test('zod')).toBe(false)
  expect(['client', 'astro', 'prerender'].filter((name) => applyToEnvironment({ name }))).toEqual([
    'prerender',
  ])
})
