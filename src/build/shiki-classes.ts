import type { ShikiConfig } from '@astrojs/markdown-remark'
import { visit } from 'unist-util-visit'
import { cutAtOptions, optionClass } from '../../runner/pages/whole-options.ts'
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
    visit(pre, 'text', (text, at, parent) => {
      const parts = cutAtOptions(text.value)
      if (parts.length === 1 || parent === undefined || at === undefined) return undefined
      const nodes = parts.map((value, place) => {
        const words = { type: 'text' as const, value }
        const properties = { class: optionClass(value) }
        return place % 2 === 0
          ? words
          : { type: 'element' as const, tagName: 'span', properties, children: [words] }
      })
      parent.children.splice(at, 1, ...nodes)
      return at + nodes.length
    })
    pre.properties = { class: 'code' }
  },
}
