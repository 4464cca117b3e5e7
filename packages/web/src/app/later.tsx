import { lazy, type ComponentType, type LazyExoticComponent } from "react";
import { loadPart, type Part } from "../messages/parts.ts";
import { languageOf, preferences } from "./preferences.ts";

/** A view that is fetched when it is first shown, and beside it the texts that it will want. */
export function viewWith<Props>(part: Part, load: () => Promise<ComponentType<Props>>): LazyExoticComponent<ComponentType<Props>> {
  return lazy(async () => {
    const [view] = await Promise.all([load(), loadPart(languageOf(preferences()), part)]);
    return { default: view };
  });
}
