"""What a picture shows beside people: furniture, objects, animals, vehicles, the outdoors."""
