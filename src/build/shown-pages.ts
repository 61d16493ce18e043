import type { AstroPrerenderer } from 'astro'
import { watched } from '../../runner/watched.ts'

/** A page without what differs between its path and its address: the slashes around it and the encoding. */
function nameOf(path: string): string {
  return decodeURI(path).replaceAll(/^\/+|\/+$|(?:\/|^)index\.html$|\.html$/g, '')
}

async function* shown(names: readonly string[]): AsyncGenerator<string, void> {
  yield* watched(names, 'pages')
}

/** Shows how many pages are done. One that is taken from the build before counts as done when the next is rendered. */
export function showPages(prerenderer: AstroPrerenderer, base: string): AstroPrerenderer {
  const [paths, render, teardown] = [
    prerenderer.getStaticPaths.bind(prerenderer),
    prerenderer.render.bind(prerenderer),
    prerenderer.teardown?.bind(prerenderer),
  ]
  let pages: AsyncGenerator<string, void> | undefined
  let names = new Set<string>()
  return Object.assign(prerenderer, {
    getStaticPaths: async () => {
      const all = await paths()
      names = new Set(all.map(({ pathname }) => nameOf(pathname)))
      pages = shown([...names])
      return all
    },
    render: async (...[request, options]: Parameters<typeof render>) => {
      const name = nameOf(new URL(request.url).pathname.slice(base.length))
      if (names.has(name))
        for (let next = await pages?.next(); next?.value !== undefined && next.value !== name;)
          next = await pages?.next()
      return render(request, options)
    },
    teardown: async () => {
      await pages?.return()
      await teardown?.()
    },
  })
}
