import { createElement, type SVGProps } from "react";

type Data = { name: string; node: [tag: string, attributes: Record<string, string>][] };

/** What draws the icons of lucide-react in the released app: see scripts/lean.ts. */
export default function icon({ name, node }: Data) {
  function Icon({ size = 24, ...rest }: { size?: number } & SVGProps<SVGSVGElement>) {
    const outline = {
      xmlns: "http://www.w3.org/2000/svg",
      width: size,
      height: size,
      viewBox: "0 0 24 24",
      fill: "none",
      stroke: "currentColor",
      strokeWidth: 2,
      strokeLinecap: "round",
      strokeLinejoin: "round",
      "aria-hidden": true,
    } as const;
    return createElement("svg", { ...outline, ...rest }, node.map(([tag, attributes]) => createElement(tag, attributes)));
  }
  Icon.displayName = name;
  return Icon;
}
