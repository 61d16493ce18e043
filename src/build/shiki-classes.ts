import type { ShikiConfig } from '@astrojs/markdown-remark'
import { visit } from 'unist-util-visit'
import { colorTime } from '../data/steps/color-time.ts'

/**
 * Turns the style attributes of Shiki's css-variables theme into classes such as `token-keyword`: the policy of the
 * pages allows no inline style. Other styles, as Astro puts them on the signs of a diff, go.
 */
export const shikiClasses: NonNullable<ShikiConfig['transformers']>[number] = {
  name: 'classes',
  preprocess(_, options) {
    Object.assign(options, colorTime)
  },
  pre(pre) {
    visit(pre, 'element', (node) => {
      const { style } = node.properties
      const token = typeof style === 'string' ? /--astro-code-(token-[\w-]+)/.exec(style)?.[1] : undefined
      delete node.properties['style']
      if (token !== undefined) this.addClassToHast(node, token)
    })
    pre.properties = { class: 'code' }
  },
}
