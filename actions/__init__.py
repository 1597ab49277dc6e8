"""What the product can do: one public function is one transaction. Pages, JSON, phone and sync call the same ones."""
