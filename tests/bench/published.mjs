// A shop with one film that somebody has bought, for what is measured about watching.
import { addPoster, buy, makeTitle, openStudio, publish, uploadFilm, viewer } from "../lib/shop.mjs";

/** Sells `film` to a viewer; answers both sides and the container of the film. */
export async function sellFilm(store, film, name = "Ten Minutes") {
  const studio = await openStudio(store);
  const slug = await makeTitle(studio, { name });
  await addPoster(studio, slug);
  uploadFilm(store, studio, slug, film);
  await publish(studio, slug);
  const person = await viewer(store);
  await buy(person, slug);
  const page = await person.page(`/watch/${slug}`);
  const container = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/.exec(/data-container="([^"]*)"|\/media\/([^/"]*)/.exec(page)?.[0])[0];
  return { studio, slug, person, container };
}
