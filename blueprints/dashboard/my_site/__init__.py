"""What the business shows of itself (`/pro/<slug>/site`): a form on one side, the page on the other. Texts, lists,
looks and pictures go to a draft that is published whole; facts act at once."""

from blueprints.dashboard.my_site import facts, lists, looks, overview, pictures, texts
from blueprints.dashboard.my_site.editor import bp

__all__ = ["bp", "facts", "lists", "looks", "overview", "pictures", "texts"]
