"""The doors of the public: text message, web form and partner API, with one hallway behind them."""
