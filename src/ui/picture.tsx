/** A picture of a provider's screen, as inline SVG with the classes of the page's styles. */
import {
  layOutPicture,
  type Mark,
  type PictureDescription,
  pictureWidth,
} from "./lay-out-picture.ts"
import { fill } from "./text.ts"

/** The picture as a figure; `values` fill the places in its words. */
export function Picture({
  picture,
  values = {},
}: {
  picture: PictureDescription
  values?: Readonly<Record<string, string>>
}) {
  const { marks, height } = layOutPicture(fillPicture(picture, values))
  return (
    <figure>
      <svg
        viewBox={`0 0 ${pictureWidth} ${height}`}
        role="img"
        aria-label={fill(picture.alt, values)}
      >
        {marks.map((mark) => (
          <Drawn mark={mark} />
        ))}
      </svg>
    </figure>
  )
}

function Drawn({ mark }: { mark: Mark }) {
  switch (mark.kind) {
    case "box": {
      const { x, y, width, height, round } = mark
      return <rect class={mark.class} x={x} y={y} width={width} height={height} rx={round} />
    }
    case "text":
      return (
        <text
          class={mark.class}
          x={mark.x}
          y={mark.y}
          text-anchor={mark.centred ? "middle" : undefined}
        >
          {mark.words}
        </text>
      )
    case "shape":
      return <path class="t" d={`M${mark.x} ${mark.y}m${mark.d}`} />
  }
}

function fillPicture(
  picture: PictureDescription,
  values: Readonly<Record<string, string>>,
): PictureDescription {
  const { address, menu, sidebar = [], title, tabs = [], rows = [], button, hot, alt } = picture
  const put = (text: string) => fill(text, values)
  return {
    ...(address === undefined ? {} : { address: put(address) }),
    ...(menu === undefined ? {} : { menu: put(menu) }),
    ...(title === undefined ? {} : { title: put(title) }),
    ...(button === undefined ? {} : { button: put(button) }),
    sidebar: sidebar.map(put),
    tabs: tabs.map(put),
    rows: rows.map(({ label, control }) => ({
      label: put(label),
      ...(control === undefined ? {} : { control: put(control) }),
    })),
    hot: put(hot),
    alt: put(alt),
  }
}
