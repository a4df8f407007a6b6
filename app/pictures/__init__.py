"""Pictures of ties: an ego network and an account map, as SVG and as a table.

    scores --draw--> Scene --place--> Plan --paint--> SVG
                       `--rows--> the same in words

Names stand outside an ellipse and ties run inside it, so that no line ever crosses a name, however
many there are. Strength is width; the kind of a tie is its colour and its line, and the words
beside the picture say what they are. The same scores give the same picture, to the byte.

An SVG is whole by itself, with its colours for light and dark, or goes into a page: then it has
neither a style element nor a style attribute, and a page that brings `PALETTE` among its own style
sheets gives it the colours for dark. Without them it is readable on both.

Read `scene` (what is shown), `drawing` (who is shown), `words`, `places` (where), `paint` (how),
and `gathering` (what the store knows of them).
"""

from app.pictures.drawing import account_scene, circle, ego_scene
from app.pictures.gathering import account_picture, person_picture
from app.pictures.paint import PALETTE, paint
from app.pictures.scene import Known, Row, Scene

__all__ = [
    "PALETTE",
    "Known",
    "Row",
    "Scene",
    "account_picture",
    "account_scene",
    "circle",
    "ego_scene",
    "paint",
    "person_picture",
]
